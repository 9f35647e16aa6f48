"""Is it AI news? Signs are weighed: two points are enough.

AI has to be the main subject: products, research, policy and effects of AI; robotaxis and
humanoids count. A strong sign is enough, of the weak ones it takes two different.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import catalogue
from bot.classify import owner
from bot.classify.lexicon import Lexicon, word_set
from bot.classify.naming import Mention
from bot.classify.reading import Reading
from bot.query.text import tokens

ENOUGH = 2

_STRONG = """
ai; a.i; ais; artificial intelligence; genai; gen ai; generative; agi; asi; superintelligence;
machine learning; deep learning; deep neural; ml model; ml models; mlops; neural network;
neural networks; neural net; neural nets; neural; perceptron; llm; llms; slm; slms; vlm; vlms; mllm;
mllms; vla; language model; language models; language modeling; language modelling;
linear attention; foundation model; foundation models; frontier model; frontier models;
reasoning model; reasoning models; world model; world models; diffusion model; diffusion models;
diffusion transformer; vision language; multimodal; text to image; text to video; text to speech;
speech to text; image generation; image generator; video generation; speech recognition; tts;
voice agent; voice agents; chatbot; chatbots; ai's; chatgpt; gpt; agentic; multi agent;
coding agent; coding agents; coding assistant; coding assistants; autonomous agents; agent harness;
for agents; ai agent; agent memory; agent skills; agent sandbox; your agents; your agent;
agent loop; agent loops; background agents; cloud agents; browser agent; browser agents;
agent workflows; agents that; agent framework; agent frameworks; sub agents; agent swarm;
agent swarms; agents sdk; agent sdk; ki; künstliche intelligenz; inteligencia artificial;
intelligence artificielle; 人工知能; subagents; vibe coding; vibe coded; vibecoding; vibecoded;
prompt injection; prompt engineering; system prompt; system prompts; context engineering; rag;
retrieval augmented; mcp; model context protocol; rlhf; rlvr; grpo; reinforcement learning;
fine tuning; finetuning; fine tune; fine tuned; finetuned; pretraining; pretrained; post training;
distillation; tokenizer; mixture of experts; moe; gguf; lora; kv cache; in context learning;
chain of thought; few shot; zero shot; self supervised; embeddings; vector database; vector search;
transformer model; open weight; open weights; interpretability; rogue ai; computer vision;
object detection; deepfake; deepfakes; robotaxi; robotaxis; humanoid; humanoids; self driving;
driverless; autonomous vehicle; autonomous vehicles; autonomous driving; autonomous cars;
autonomous trucks; embodied; physical ai; robot learning; robotics; gpu cluster; gpu clusters;
imitation learning; stochastic parrot; superintelligent; openclaw; sam altman; dario amodei;
demis hassabis; p doom; tokenmaxxing; llama.cpp; comfyui; stable diffusion; agents.md; claude.md;
arc agi; swe bench; turing test; claude code; ai coding; gpts; vibe code; vibe coder; vibe coders;
musk v altman; graph neural; convolutional; gan; gans; backpropagation;
attention mechanism; speculative decoding; hallucination; hallucinations; hallucinate; hallucinated;
大模型; 人工智能; 智能体; 生成式; 机器学习; 深度学习; 神经网络; 具身智能; 人形机器人; 自动驾驶;
多模态; 扩散模型; 语言模型
"""

_WEAK = """
agent; agents; model; models; inference; training; trained; weights; prompt; prompts; prompting;
token; tokens; context window; gpu; gpus; tpu; npu; data center; data centers; datacenter;
datacenters; compute; chip; chips; robot; robots; robotic; autonomous; algorithm;
algorithms; algorithmic; attention; embedding; reasoning; eval; evals; benchmark; benchmarks;
alignment; safety; transformer; transformers; quantization; quantized; classifier; segmentation;
detection; recognition; generation; diffusion; policy optimization; latent; scaling; learning;
optimization; supervised; semantic; speech; vision; dataset; datasets; assistant; assistants;
ml; copilot; automation; automated; hyperscaler; hyperscalers; semiconductor; semiconductors;
nvidia; lidar; perception; simulation; facial recognition; voice; swarm; drones; scraping; crawlers;
机器人; 芯片; 算力; 模型; 推理; 训练; 开源
"""

_IN_PAPERS = """
network; networks; mlp; mlps; classification; prediction; forecasting; representation;
representations; contrastive; bayesian; gradient; gradients; adaptation; reconstruction; denoising;
state space; mamba; federated; conformal; calibration; multi view; point cloud; time series;
causal; generalization; regression; clustering; adversarial; robustness; explainability;
explainable; counterfactual; sampler; samplers; kernel; kernels; unlearning; continual;
multi turn; ensemble
"""
"""What much is called, and is about learning machines where it is the title of a paper."""

_SIGNS: Lexicon[int] = Lexicon(
    [
        *((word.strip(), 2) for word in _STRONG.split(";")),
        *((word.strip(), 1) for word in _WEAK.split(";")),
    ]
)

_PAPER_SIGNS: Lexicon[int] = Lexicon([(word.strip(), 1) for word in _IN_PAPERS.split(";")])
_AI_SOURCES = word_set(
    """
    localllama localllm singularity machinelearning stablediffusion comfyui artificial
    llmdevs chatgpt claudeai claudecode openai geminiai bard rag aiagents llm llms deepmind
    deepseek aivideo promptengineering sillytavern mistralai aiart
    """
)
_DEVELOPERS = frozenset(
    ("dev community", "towards data science", "github trending", "product hunt", "lobsters",
     "hacker news", "开源中国", "oschina", "infoq", "the new stack")
)  # fmt: skip
_OTHER_AGENTS = word_set(
    "ssh gpg tpm user ice border customs estate travel insurance double secret"
)
_SUBJECTS = word_set("cs.ai cs.cl cs.lg cs.cv cs.ro cs.ma stat.ml")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TEXT_LIMIT = 3000  # characters
_TEXT_STRONG = 3  # strong signs in the text that are worth one in the headline

Sign = tuple[int, str]


def spoken_of(cut: Sequence[str]) -> bool:
    """Whether these words are about AI by themselves, whoever is named."""
    return sum(points for points, _ in _in_words(cut)) >= ENOUGH


def _in_words(cut: Sequence[str]) -> list[Sign]:
    found = {match.text: match.value for match in _SIGNS.find(cut)}
    return [
        (points, f"“{word}” is a word of AI." if points > 1 else f"“{word}” may be about AI.")
        for word, points in found.items()
    ]


def signs(reading: Reading, named: Sequence[Mention], official: str) -> list[Sign]:
    """Everything that speaks for AI news, with its points, strongest first."""
    found = _in_words(reading.tokens)
    found += [sign for one in named if (sign := _from_mention(one))]
    found += _from_place(reading, official)
    found += _from_text(reading.text)
    found += _from_agents(reading)
    if reading.address.host == "arxiv.org":
        found += _from_paper(reading.tokens)
    return sorted(set(found), key=lambda sign: (-sign[0], sign[1]))


def _from_agents(reading: Reading) -> list[Sign]:
    """An agent may be one of a secret service; among developers, and under its English name in a
    Chinese headline, it hardly is."""
    if not {"agent", "agents"} & set(reading.tokens) or _OTHER_AGENTS & set(reading.tokens):
        return []
    if reading.source.casefold() in _DEVELOPERS or _CHINESE.search(reading.title):
        return [(1, "An agent is one of AI here.")]
    return []


def _from_paper(cut: Sequence[str]) -> list[Sign]:
    words = {match.text for match in _PAPER_SIGNS.find(cut)}
    found = [(1, f"“{word}” in a paper may be about AI.") for word in words]
    return [(1, "It is a paper on arXiv, where much is about AI."), *found]


def _from_mention(one: Mention) -> Sign | None:
    known = catalogue.company(one.slug)
    if one.role == "product":
        return 2, f"{one.form} is AI of {catalogue.display_name(one.slug)}."
    if known and known.ai and one.role == "name":
        return 2, f"{known.name} is an AI company."
    return (1, f"{known.name} makes chips.") if known and known.kind == "chips" else None


def _from_place(reading: Reading, official: str) -> list[Sign]:
    found: list[Sign] = []
    known = catalogue.company(official)
    if known and known.ai:
        found.append((2, f"{known.name}, an AI company, says it itself."))
    voice = catalogue.company(owner.source_owner(reading.source))
    if voice and voice.ai and voice != known:
        found.append((2, f"{reading.source} is the voice of an AI company."))
    cut = tokens(reading.source)
    if owner.is_lab(reading.address):
        found.append((2, "It stands on pages about AI."))
    elif "ai" in cut or not _SUBJECTS.isdisjoint(reading.source.casefold().split()):
        found.append((2, f"{reading.source} is a source of AI news."))
    elif not _AI_SOURCES.isdisjoint(cut):
        found.append((2, f"{reading.source} is about AI."))
    slug = [part for part in reading.address.path[-1:] if "-" in part]
    if any(match.value > 1 for match in _SIGNS.find(tokens(" ".join(slug)))):
        found.append((1, "The address has a word of AI."))
    return found


def _from_text(text: str) -> list[Sign]:
    strong = [match for match in _SIGNS.find(tokens(text[:_TEXT_LIMIT])) if match.value > 1]
    return [(2, "Its text speaks of AI again and again.")] if len(strong) >= _TEXT_STRONG else []
