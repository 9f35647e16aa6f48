"""The topics of reports: one short vocabulary, each with the words that give it.

A tag says what a report is about; its type says what kind of news it is. Words are cut by
`bot.query.text` and match whole tokens; plurals stand beside their singulars.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tag:
    """A topic. Articles carry the `name`; `slug` is a short way to write it in a query."""

    slug: str
    name: str
    words: tuple[str, ...]


def _tag(slug: str, name: str, words: str) -> Tag:
    return Tag(slug, name, tuple(word.strip() for word in words.split(",")))


TAGS: tuple[Tag, ...] = (
    _tag(
        "generative-ai",
        "Generative AI",
        "generative, genai, llm, llms, language model, language models, gpt, chatgpt, claude, "
        "gemini, qwen, llama, deepseek, mistral, grok, kimi, glm, chatbot, chatbots, "
        "diffusion, image generation, foundation model, foundation models, frontier model, "
        "frontier models, 大模型, 生成式",
    ),
    _tag(
        "agents",
        "AI Agents",
        "agent, agents, agentic, mcp, model context protocol, computer use, tool use, "
        "tool calling, openclaw, multi agent, claude code, codex, cowork, 智能体",
    ),
    _tag(
        "coding",
        "Coding",
        "coding, code, codex, copilot, claude code, cursor, windsurf, devin, vibe coding, "
        "compiler, software engineering, software engineer, developers, ide, swe bench, "
        "pull request, pull requests, programming, programmers, vs code, 编程, 代码",
    ),
    _tag(
        "open-source",
        "Open Source",
        "open source, open sources, open sourced, open sourcing, open weight, open weights, "
        "open model, open models, apache 2.0, mit license, gguf, 开源",
    ),
    _tag(
        "safety",
        "AI Safety",
        "safety, alignment, misalignment, interpretability, red team, red teaming, jailbreak, "
        "jailbreaks, guardrail, guardrails, safeguards, existential, misuse, deception, "
        "sabotage, system card, catastrophic, superintelligence, rogue, oversight, 安全",
    ),
    _tag(
        "policy",
        "Regulation & Policy",
        "regulation, regulations, regulator, regulators, law, laws, lawmakers, bill, congress, "
        "senate, white house, executive order, eu, european union, policy, policies, lawsuit, "
        "lawsuits, sues, sued, suing, court, judge, jury, antitrust, copyright, ban, bans, "
        "banned, governor, legislation, pentagon, export controls, government, governments, "
        "ftc, 监管",
    ),
    _tag(
        "market",
        "Market Trends",
        "market, markets, revenue, valuation, valued, funding, raises, raised, raising, ipo, "
        "stock, stocks, shares, investors, investor, investment, invests, acquires, "
        "acquisition, acquire, merger, demand, sales, growth, earnings, profit, billion, "
        "series a, series b, series c, bubble, spending, prices, pricing, adoption, 融资, 估值, "
        "市场, 上市",
    ),
    _tag(
        "infrastructure",
        "Infrastructure",
        "data center, data centers, datacenter, datacenters, cloud, inference, serving, "
        "compute, gpu cluster, supercomputer, power grid, gigawatt, gigawatts, megawatts, "
        "kubernetes, vllm, latency, throughput, kv cache, vector database, electricity, 算力, "
        "数据中心",
    ),
    _tag(
        "hardware",
        "Chips & Hardware",
        "chip, chips, gpu, gpus, tpu, tpus, npu, semiconductor, semiconductors, nvidia, amd, "
        "tsmc, blackwell, hbm, h100, wafer, asic, silicon, cuda, accelerator, accelerators, "
        "processor, device, devices, wearable, smart glasses, 芯片, 英伟达",
    ),
    _tag(
        "robotics",
        "Robotics",
        "robot, robots, robotics, robotic, humanoid, humanoids, robotaxi, robotaxis, "
        "self driving, autonomous vehicle, autonomous vehicles, autonomous driving, "
        "driverless, drone, drones, waymo, zoox, embodied, physical ai, manipulation, "
        "机器人, 具身, 自动驾驶",
    ),
    _tag(
        "vision",
        "Computer Vision",
        "computer vision, vision, image, images, segmentation, object detection, ocr, photo, "
        "photos, pixel, visual, facial recognition, face recognition, text to image, 3d, "
        "gaussian splatting, 图像, 视觉",
    ),
    _tag(
        "video",
        "Video",
        "video, videos, sora, veo, kling, seedance, film, films, movie, movies, hollywood, "
        "text to video, animation, deepfake, deepfakes, 视频",
    ),
    _tag(
        "audio",
        "Speech & Audio",
        "speech, voice, voices, audio, music, song, songs, tts, text to speech, "
        "speech to text, transcription, transcribe, podcast, podcasts, suno, elevenlabs, "
        "语音, 音乐",
    ),
    _tag(
        "multimodal",
        "Multimodal",
        "multimodal, omni, vision language, vlm, vlms, mllm, mllms, image text, any to any, 多模态",
    ),
    _tag(
        "benchmarks",
        "Benchmarks",
        "benchmark, benchmarks, benchmarking, leaderboard, leaderboards, eval, evals, "
        "evaluation, evaluations, evaluating, arena, arc agi, swe bench, mmlu, "
        "humanity's last exam, mlperf, state of the art, sota, 评测, 榜单",
    ),
    _tag(
        "training",
        "Training & Models",
        "training, pretraining, pre training, fine tuning, finetuning, fine tune, "
        "post training, reinforcement learning, rl, rlhf, distillation, quantization, lora, "
        "scaling laws, mixture of experts, moe, transformer, transformers, attention, "
        "reasoning, context window, embedding, embeddings, world model, world models, 训练, 推理",
    ),
    _tag(
        "health",
        "Healthcare",
        "health, healthcare, medical, medicine, hospital, hospitals, doctor, doctors, patient, "
        "patients, clinical, drug, drugs, cancer, diagnosis, radiology, therapy, "
        "mental health, fda, 医疗, 药物",
    ),
    _tag(
        "science",
        "Science",
        "science, scientist, scientists, scientific, physics, chemistry, biology, protein, "
        "proteins, genome, genomics, math, mathematics, theorem, materials, weather, climate, "
        "astronomy, quantum, molecule, molecules, neuroscience, 科学",
    ),
    _tag(
        "education",
        "Education",
        "education, school, schools, student, students, teacher, teachers, university, "
        "universities, college, classroom, homework, learners, tutor, tutoring, 教育, 学生",
    ),
    _tag(
        "enterprise",
        "Enterprise",
        "enterprise, enterprises, business, businesses, customer, customers, workplace, "
        "productivity, bank, banks, financial services, finance, sales teams, salesforce, sap, "
        "servicenow, crm, workflow, workflows, excel, slack, legal, lawyers, retail, 企业",
    ),
    _tag(
        "privacy",
        "Data & Privacy",
        "privacy, private, personal data, surveillance, breach, leak, leaks, leaked, security, "
        "hack, hacked, hackers, vulnerability, vulnerabilities, malware, phishing, cyber, "
        "cybersecurity, prompt injection, scraping, tracking, dataset, datasets, 隐私, 数据",
    ),
    _tag(
        "society",
        "Jobs & Society",
        "job, jobs, layoffs, workers, worker, workforce, employment, unemployment, hiring, "
        "economy, society, social, kids, children, teens, parents, artists, creators, "
        "journalists, misinformation, election, elections, culture, companion, companions, "
        "art, ethics, 就业",
    ),
)
